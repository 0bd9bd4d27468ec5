namespace Autom8.Security.Accounts;

/// <summary>
/// The accounts' database does not answer, and what is remembered is too old or too little to say whose tokens and keys are good. To a client: 503, and <see cref="RetryAfter"/>. The inner exception says why it does not answer.
/// </summary>
public sealed class EpochsUnknownException : Exception
{
    internal EpochsUnknownException(TimeSpan silence, Exception? cause)
        : base($"The accounts' database has not answered for {silence.TotalSeconds:0} s: it is not known whose tokens have ended.", cause)
    { }

    internal EpochsUnknownException(Exception cause)
        : base("The accounts' database does not answer: it is not known whose tokens and keys are good.", cause) { }

    /// <summary>When it makes sense to ask again: a second.</summary>
    public TimeSpan RetryAfter { get; } = TimeSpan.FromSeconds(1);
}
