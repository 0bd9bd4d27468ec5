using System.Buffers;

namespace Autom8.Caching.Distributed;

/// <summary>
/// Seals everything the cache puts into its distributed tier, and hides the names it is put under, so that whoever can read or write that tier learns nothing and can make nobody believe anything.
/// </summary>
/// <remarks>Called from many threads at once. Exceptions are treated as failures of the tier: they never fail a call to the cache.</remarks>
public interface ICachePayloadProtector
{
    /// <summary>The name under which <paramref name="key"/> is stored: deterministic, one-way without the secret, and without collisions.</summary>
    string ProtectKey(string key);

    /// <summary>Seals a payload. <paramref name="associatedData"/> (the key and the schema) is not stored, but must be the same when it is opened.</summary>
    void Protect(ReadOnlySpan<byte> payload, ReadOnlySpan<byte> associatedData, IBufferWriter<byte> destination);

    /// <summary>Opens what <see cref="Protect"/> sealed.</summary>
    /// <returns>False, having written nothing of use, when the payload is not ours, was altered, or was sealed for another key or schema.</returns>
    bool TryUnprotect(ReadOnlySpan<byte> protectedPayload, ReadOnlySpan<byte> associatedData, IBufferWriter<byte> destination);
}
