using System.Security.Cryptography;

namespace Autom8.Security.Encryption;

/// <summary>
/// One AES-256-GCM key and the ciphers that are set up for it. A cipher may serve one thread at a time (on OpenSSL it is a mutable context) and setting one up
/// costs more than a short message: so they are lent, and kept up to a bound.
/// </summary>
/// <remarks>Safe for concurrent use, but for <see cref="Dispose"/>: its caller sees to it that no cipher is out.</remarks>
internal sealed class AesGcmPool : IDisposable
{
    public const int KeyLength = 32;
    public const int NonceLength = 12;
    public const int TagLength = 16;

    private readonly byte[] _key = GC.AllocateUninitializedArray<byte>(KeyLength, pinned: true);
    private readonly AesGcm?[] _others;
    private AesGcm? _first;

    /// <param name="key">32 bytes; copied.</param>
    /// <param name="others">How many idle ciphers are kept beside the first.</param>
    public AesGcmPool(ReadOnlySpan<byte> key, int others = 0)
    {
        key.CopyTo(_key);
        _others = others == 0 ? [] : new AesGcm?[others];
    }

    public AesGcm Rent()
    {
        if (Interlocked.Exchange(ref _first, null) is { } first)
        {
            return first;
        }

        foreach (ref var slot in _others.AsSpan())
        {
            if (Interlocked.Exchange(ref slot, null) is { } idle)
            {
                return idle;
            }
        }

        return new AesGcm(_key, TagLength);
    }

    public void Return(AesGcm cipher)
    {
        if (Interlocked.CompareExchange(ref _first, cipher, null) is null)
        {
            return;
        }

        foreach (ref var slot in _others.AsSpan())
        {
            if (Interlocked.CompareExchange(ref slot, cipher, null) is null)
            {
                return;
            }
        }

        cipher.Dispose();
    }

    /// <summary>Wipes the key and the ciphers (OpenSSL cleanses a context that it frees).</summary>
    public void Dispose()
    {
        CryptographicOperations.ZeroMemory(_key);
        Interlocked.Exchange(ref _first, null)?.Dispose();
        foreach (ref var slot in _others.AsSpan())
        {
            Interlocked.Exchange(ref slot, null)?.Dispose();
        }
    }
}
