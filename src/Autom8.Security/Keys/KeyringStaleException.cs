using System.Globalization;

namespace Autom8.Security.Keys;

/// <summary>
/// The keyring is shared with other nodes and could not be read for so long that its active key may have been replaced: nothing new is made with it, while what exists is read and validated as before.
/// To a client: 503, and <see cref="RetryAfter"/>. It ends by itself with the next refresh that succeeds.
/// </summary>
public sealed class KeyringStaleException : Exception
{
    internal KeyringStaleException(KeyPurpose purpose, TimeSpan age, TimeSpan retryAfter)
        : base(
            string.Create(
                CultureInfo.InvariantCulture,
                $"The shared keyring could not be read for {age.TotalSeconds:0} s, so another {purpose} key may be active by now: nothing is made with the old one. Reading goes on. See that this node reaches its database; the log says why it does not."
            )
        )
    {
        Age = age;
        RetryAfter = retryAfter;
    }

    /// <summary>Time since the last refresh that succeeded.</summary>
    public TimeSpan Age { get; }

    /// <summary>When it makes sense to ask again: the next refresh is due within it. At least a second.</summary>
    public TimeSpan RetryAfter { get; }
}
