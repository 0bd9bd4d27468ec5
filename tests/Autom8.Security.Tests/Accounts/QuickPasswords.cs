using Autom8.Security.Keys;
using Autom8.Security.Passwords;

namespace Autom8.Security.Tests.Accounts;

/// <summary>The real hash with the least work, for tests that are about accounts.</summary>
internal static class QuickPasswords
{
    public static PasswordHasher Hasher(IKeyringProvider keyring) => new(keyring, new PasswordOptions { MemoryKiB = 64, Passes = 1 });
}
