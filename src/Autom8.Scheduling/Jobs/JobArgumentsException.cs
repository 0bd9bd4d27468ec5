namespace Autom8.Scheduling.Jobs;

/// <summary>A stored payload is not what its job takes. It is not tried again: the next attempt would find the same.</summary>
public sealed class JobArgumentsException : Exception
{
    /// <summary>Creates the exception.</summary>
    public JobArgumentsException(string message, Exception? innerException = null)
        : base(message, innerException) { }
}
