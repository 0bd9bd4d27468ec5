namespace Autom8.Security.Accounts;

/// <summary>
/// The database has not been heard of for so long that nobody here knows whose tokens were ended meanwhile. To a client: 503, and <see cref="RetryAfter"/>. The inner exception says why it does not answer.
/// </summary>
public sealed class EpochsUnknownException : Exception
{
    internal EpochsUnknownException(TimeSpan silence, Exception? cause)
        : base($"The accounts' database has not answered for {silence.TotalSeconds:0} s: it is not known whose tokens have ended.", cause)
    { }

    /// <summary>When it makes sense to ask again: a second.</summary>
    public TimeSpan RetryAfter { get; } = TimeSpan.FromSeconds(1);
}
