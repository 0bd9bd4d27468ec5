namespace Autom8.Security.Encryption;

/// <summary>The key of a subject cannot be saved or relied on. The message names the subject and what to do, never a key.</summary>
public sealed class SubjectKeyException : Exception
{
    internal SubjectKeyException(Guid subject, SubjectKeyFailure failure)
        : base(Explain(subject, failure))
    {
        Subject = subject;
        Failure = failure;
    }

    /// <summary>The subject.</summary>
    public Guid Subject { get; }

    /// <summary>What is wrong.</summary>
    public SubjectKeyFailure Failure { get; }

    private static string Explain(Guid subject, SubjectKeyFailure failure) =>
        failure switch
        {
            SubjectKeyFailure.Shredded =>
                $"The key of subject {subject} was destroyed: nothing can be written for it any more. Give new data a new subject.",
            SubjectKeyFailure.Conflict =>
                $"The key of subject {subject} is not the one that the fields were encrypted with: another writer made it first. Do the whole write again.",
            _ =>
                $"The key of subject {subject} cannot be unwrapped: its row or the keyring is not the one it was written with. Restore both from their backups.",
        };
}

/// <summary>Why the key of a subject cannot be relied on.</summary>
public enum SubjectKeyFailure
{
    /// <summary>It was destroyed. This is final.</summary>
    Shredded,

    /// <summary>Another writer made the subject's key at the same time. Encrypting and writing again will work.</summary>
    Conflict,

    /// <summary>The stored key cannot be unwrapped: altered, or wrapped by a key that is not live.</summary>
    Unreadable,
}
