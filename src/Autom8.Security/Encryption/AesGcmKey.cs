using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Autom8.Security.Encryption;

/// <summary>
/// A key of AES-256-GCM (NIST SP 800-38D) that is set up once. By libsodium, where it can: a short message then costs a tenth of what the base library's <see cref="AesGcm"/>
/// takes, whose calls go through OpenSSL's contexts; by that elsewhere. The bytes are the same.
/// </summary>
/// <remarks>Safe for concurrent use. Once disposed it does nothing more; a call that the disposal overtakes throws and leaves nothing behind.</remarks>
internal sealed class AesGcmKey : IDisposable
{
    public const int KeyLength = 32;
    public const int NonceLength = 12;
    public const int TagLength = 16;

    private readonly byte[] _state = []; // pinned
    private readonly int _begin;
    private readonly AesGcmPool? _portable;
    private volatile bool _disposed;

    /// <param name="key">32 bytes, copied.</param>
    /// <param name="threads">How many threads may use it at once without setting it up again: where libsodium cannot serve.</param>
    public AesGcmKey(ReadOnlySpan<byte> key, int threads = 1)
        : this(key, threads, Sodium.HasAes256Gcm) { }

    /// <summary>As said which of both, for tests.</summary>
    internal unsafe AesGcmKey(ReadOnlySpan<byte> key, int threads, bool bySodium)
    {
        if (key.Length != KeyLength)
        {
            throw new ArgumentException($"A key has {KeyLength} bytes.", nameof(key));
        }

        if (!bySodium)
        {
            _portable = new AesGcmPool(key, threads - 1);
            return;
        }

        _state = GC.AllocateUninitializedArray<byte>(Sodium.StateLength + Sodium.StateAlignment, pinned: true);
        var address = (nuint)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(_state));
        _begin = (int)((Sodium.StateAlignment - (address % Sodium.StateAlignment)) % Sodium.StateAlignment);
        fixed (byte* bytes = key)
        {
            Expect(Sodium.SetUp(State, bytes));
        }
    }

    private unsafe byte* State => (byte*)Unsafe.AsPointer(ref _state[_begin]);

    /// <summary>Encrypts. The plaintext may stand where the ciphertext goes.</summary>
    /// <exception cref="ArgumentException">A length is wrong.</exception>
    /// <exception cref="ObjectDisposedException">The key is wiped.</exception>
    public unsafe void Encrypt(
        ReadOnlySpan<byte> nonce,
        ReadOnlySpan<byte> plaintext,
        Span<byte> ciphertext,
        Span<byte> tag,
        ReadOnlySpan<byte> associatedData
    )
    {
        Check(nonce, plaintext.Length, ciphertext.Length, tag);
        if (_portable is not null)
        {
            var cipher = _portable.Rent();
            cipher.Encrypt(nonce, plaintext, ciphertext, tag, associatedData);
            _portable.Return(cipher);
            return;
        }

        ObjectDisposedException.ThrowIf(_disposed, this);
        fixed (
            byte* nonceBytes = nonce,
                plaintextBytes = plaintext,
                ciphertextBytes = ciphertext,
                tagBytes = tag,
                associatedBytes = associatedData
        )
        {
            Expect(
                Sodium.Encrypt(
                    ciphertextBytes,
                    tagBytes,
                    null,
                    plaintextBytes,
                    (ulong)plaintext.Length,
                    associatedBytes,
                    (ulong)associatedData.Length,
                    null,
                    nonceBytes,
                    State
                )
            );
        }

        ThrowIfOvertaken(ciphertext);
    }

    /// <summary>Decrypts, or says that something was changed and empties the plaintext.</summary>
    /// <exception cref="ArgumentException">A length is wrong.</exception>
    /// <exception cref="ObjectDisposedException">The key is wiped.</exception>
    public unsafe bool TryDecrypt(
        ReadOnlySpan<byte> nonce,
        ReadOnlySpan<byte> ciphertext,
        ReadOnlySpan<byte> tag,
        Span<byte> plaintext,
        ReadOnlySpan<byte> associatedData
    )
    {
        Check(nonce, ciphertext.Length, plaintext.Length, tag);
        if (_portable is not null)
        {
            return TryDecrypt(_portable, nonce, ciphertext, tag, plaintext, associatedData);
        }

        ObjectDisposedException.ThrowIf(_disposed, this);
        bool isAuthentic;
        fixed (
            byte* nonceBytes = nonce,
                ciphertextBytes = ciphertext,
                tagBytes = tag,
                plaintextBytes = plaintext,
                associatedBytes = associatedData
        )
        {
            isAuthentic =
                Sodium.Decrypt(
                    plaintextBytes,
                    null,
                    ciphertextBytes,
                    (ulong)ciphertext.Length,
                    tagBytes,
                    associatedBytes,
                    (ulong)associatedData.Length,
                    nonceBytes,
                    State
                ) == 0;
        }

        ThrowIfOvertaken(plaintext);
        if (!isAuthentic)
        {
            CryptographicOperations.ZeroMemory(plaintext);
        }

        return isAuthentic;
    }

    /// <summary>Wipes the key.</summary>
    public void Dispose()
    {
        _disposed = true;
        Interlocked.MemoryBarrier();
        CryptographicOperations.ZeroMemory(_state);
        _portable?.Dispose();
    }

    private static bool TryDecrypt(
        AesGcmPool pool,
        ReadOnlySpan<byte> nonce,
        ReadOnlySpan<byte> ciphertext,
        ReadOnlySpan<byte> tag,
        Span<byte> plaintext,
        ReadOnlySpan<byte> associatedData
    )
    {
        var cipher = pool.Rent();
        try
        {
            cipher.Decrypt(nonce, ciphertext, tag, plaintext, associatedData);
            return true;
        }
        catch (AuthenticationTagMismatchException)
        {
            CryptographicOperations.ZeroMemory(plaintext);
            return false;
        }
        finally
        {
            pool.Return(cipher);
        }
    }

    // Whoever worked with any wiped byte of the key sees this too: nothing may be encrypted under zeros.
    private void ThrowIfOvertaken(Span<byte> output)
    {
        Interlocked.MemoryBarrier();
        if (_disposed)
        {
            CryptographicOperations.ZeroMemory(output);
            throw new ObjectDisposedException(nameof(AesGcmKey));
        }
    }

    private static void Expect(int result)
    {
        if (result != 0)
        {
            throw new CryptographicException($"libsodium answered {result}.");
        }
    }

    private static void Check(ReadOnlySpan<byte> nonce, int from, int to, ReadOnlySpan<byte> tag)
    {
        if (nonce.Length != NonceLength)
        {
            throw new ArgumentException($"A nonce has {NonceLength} bytes.", nameof(nonce));
        }

        if (tag.Length != TagLength)
        {
            throw new ArgumentException($"A tag has {TagLength} bytes.", nameof(tag));
        }

        if (from != to)
        {
            throw new ArgumentException("A ciphertext has as many bytes as its plaintext.", nameof(to));
        }
    }
}
