using System.Security.Cryptography;

namespace Autom8.Security.Encryption;

/// <summary>
/// One key and the primitives that are set up for it. One may serve one thread at a time (on OpenSSL it is a mutable context) and setting one up costs more than a
/// short message: so they are lent, and kept up to a bound.
/// </summary>
/// <remarks>Safe for concurrent use. What is out when the pool is disposed goes on to work, and is disposed of when it comes back.</remarks>
internal abstract class KeyedPool<T> : IDisposable
    where T : class, IDisposable
{
    private readonly byte[] _key;
    private readonly T?[] _others;
    private T? _first;
    private volatile bool _disposed;

    /// <param name="key">Copied.</param>
    /// <param name="others">How many idle primitives are kept beside the first.</param>
    protected KeyedPool(ReadOnlySpan<byte> key, int others)
    {
        _key = GC.AllocateUninitializedArray<byte>(key.Length, pinned: true);
        key.CopyTo(_key);
        _others = others == 0 ? [] : new T?[others];
    }

    /// <exception cref="ObjectDisposedException">The key is wiped.</exception>
    public T Rent()
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

        var created = Create(_key);
        // Whoever saw any wiped byte of the key sees this too: nothing may be encrypted under zeros.
        Interlocked.MemoryBarrier();
        if (_disposed)
        {
            created.Dispose();
            throw new ObjectDisposedException(GetType().Name);
        }

        return created;
    }

    public void Return(T primitive)
    {
        if (_disposed)
        {
            primitive.Dispose();
            return;
        }

        if (Interlocked.CompareExchange(ref _first, primitive, null) is null)
        {
            return;
        }

        foreach (ref var slot in _others.AsSpan())
        {
            if (Interlocked.CompareExchange(ref slot, primitive, null) is null)
            {
                return;
            }
        }

        primitive.Dispose();
    }

    /// <summary>Wipes the key and the primitives (OpenSSL cleanses a context that it frees).</summary>
    public void Dispose()
    {
        _disposed = true;
        Interlocked.MemoryBarrier();
        CryptographicOperations.ZeroMemory(_key);
        Interlocked.Exchange(ref _first, null)?.Dispose();
        foreach (ref var slot in _others.AsSpan())
        {
            Interlocked.Exchange(ref slot, null)?.Dispose();
        }
    }

    protected abstract T Create(ReadOnlySpan<byte> key);
}

/// <summary>Ciphers of one AES-256-GCM key.</summary>
internal sealed class AesGcmPool(ReadOnlySpan<byte> key, int others) : KeyedPool<AesGcm>(key, others)
{
    protected override AesGcm Create(ReadOnlySpan<byte> key) => new(key, AesGcmKey.TagLength);
}

/// <summary>HMAC-SHA-256 computations of one key.</summary>
internal sealed class HmacPool(ReadOnlySpan<byte> key, int others) : KeyedPool<IncrementalHash>(key, others)
{
    protected override IncrementalHash Create(ReadOnlySpan<byte> key) => IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, key);
}
