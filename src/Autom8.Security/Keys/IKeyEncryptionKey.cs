namespace Autom8.Security.Keys;

/// <summary>
/// A key that is kept outside, such as one in a KMS, and wraps the data key under which a keyring is stored. The built-in one is 32 bytes from a
/// file or the environment (<see cref="SecurityOptions.KeyEncryptionKeyFile"/>). Safe for concurrent use.
/// </summary>
/// <remarks>It is asked when a keyring is created, loaded or re-wrapped: at start and after a change, never for a single field or token.</remarks>
public interface IKeyEncryptionKey
{
    /// <summary>The name of the key, stored beside what it wrapped: 1 to 255 printable ASCII characters, such as a fingerprint or the ARN of a KMS key.</summary>
    string Id { get; }

    /// <summary>Wraps a data key.</summary>
    /// <param name="dataKey">32 bytes. Must not be kept or logged.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>At most 4,096 bytes.</returns>
    /// <exception cref="KeyringException">The key cannot be used; the message says what to do.</exception>
    ValueTask<byte[]> WrapAsync(ReadOnlyMemory<byte> dataKey, CancellationToken cancellationToken);

    /// <summary>Unwraps what <see cref="WrapAsync"/> returned under the same <see cref="Id"/>.</summary>
    /// <exception cref="KeyringException">It was altered, or the key cannot be used; the message says what to do.</exception>
    ValueTask<byte[]> UnwrapAsync(ReadOnlyMemory<byte> wrapped, CancellationToken cancellationToken);
}
