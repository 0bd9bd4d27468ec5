using Autom8.Security.Encryption;
using Autom8.Security.Keys;

namespace Autom8.Security.Tests.Encryption;

/// <summary>Subject keys and fields with a memory of their own, as each node has.</summary>
internal static class SubjectNodes
{
    public static (SubjectKeys Keys, FieldProtector Fields) Over(
        ISubjectKeyStore store,
        IKeyringProvider keyring,
        TimeProvider time,
        int capacity = 16_384
    )
    {
        var options = new SubjectKeyOptions { CacheCapacity = capacity };
        var keys = new SubjectKeys(store, new SubjectKeyWrapper(keyring), options, time);
        return (keys, new FieldProtector(keyring, KeyPurpose.FieldEncryption, keys));
    }
}
