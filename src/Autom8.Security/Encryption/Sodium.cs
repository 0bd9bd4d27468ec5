using System.Runtime.InteropServices;

namespace Autom8.Security.Encryption;

/// <summary>AES-256-GCM of libsodium, the library that NSec brings, where the processor has instructions for it. NSec itself sets a key up anew in memory of its own for each that it is given.</summary>
internal static unsafe partial class Sodium
{
    /// <summary>The bytes of a key that is set up.</summary>
    public const int StateLength = 512;

    /// <summary>What the address of a state is a multiple of.</summary>
    public const int StateAlignment = 16;

    private const string Library = "libsodium";

    /// <summary>Whether it can be used here.</summary>
    public static bool HasAes256Gcm { get; } = Probe();

    [LibraryImport(Library, EntryPoint = "crypto_aead_aes256gcm_beforenm")]
    public static partial int SetUp(byte* state, byte* key);

    [LibraryImport(Library, EntryPoint = "crypto_aead_aes256gcm_encrypt_detached_afternm")]
    public static partial int Encrypt(
        byte* ciphertext,
        byte* tag,
        ulong* tagLength,
        byte* plaintext,
        ulong length,
        byte* associated,
        ulong associatedLength,
        byte* unused,
        byte* nonce,
        byte* state
    );

    /// <returns>0 if the tag is right; the plaintext is emptied otherwise.</returns>
    [LibraryImport(Library, EntryPoint = "crypto_aead_aes256gcm_decrypt_detached_afternm")]
    public static partial int Decrypt(
        byte* plaintext,
        byte* unused,
        byte* ciphertext,
        ulong length,
        byte* tag,
        byte* associated,
        ulong associatedLength,
        byte* nonce,
        byte* state
    );

    [LibraryImport(Library, EntryPoint = "sodium_init")]
    private static partial int Initialize();

    [LibraryImport(Library, EntryPoint = "crypto_aead_aes256gcm_is_available")]
    private static partial int IsAvailable();

    [LibraryImport(Library, EntryPoint = "crypto_aead_aes256gcm_statebytes")]
    private static partial nuint StateBytes();

    private static bool Probe()
    {
        try
        {
            return Initialize() >= 0 && IsAvailable() == 1 && StateBytes() == StateLength;
        }
        catch (Exception e) when (e is DllNotFoundException or EntryPointNotFoundException or BadImageFormatException)
        {
            return false; // a platform that libsodium was not built for
        }
    }
}
