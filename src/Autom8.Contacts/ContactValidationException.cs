namespace Autom8.Contacts;

/// <summary>One thing wrong with a contact as it was given.</summary>
/// <param name="Field">The path of the field, such as <c>emails[0].value</c>.</param>
/// <param name="Message">What would be right. It never repeats the value.</param>
public sealed record ContactProblem(string Field, string Message);

/// <summary>A contact, or the argument of a query, cannot be accepted. Nothing was written. The exception names every field that is wrong and says what
/// would be right, without repeating a value.</summary>
public sealed class ContactValidationException : Exception
{
    /// <summary>Creates the exception for one or more problems.</summary>
    public ContactValidationException(IReadOnlyList<ContactProblem> problems)
        : base(Explain(problems)) => Problems = problems;

    /// <summary>Creates the exception for one field.</summary>
    public ContactValidationException(string field, string message)
        : this([new ContactProblem(field, message)]) { }

    /// <summary>What is wrong, in the order of the fields.</summary>
    public IReadOnlyList<ContactProblem> Problems { get; }

    private static string Explain(IReadOnlyList<ContactProblem> problems)
    {
        ArgumentNullException.ThrowIfNull(problems);
        ArgumentOutOfRangeException.ThrowIfZero(problems.Count, nameof(problems));
        return string.Join(' ', problems.Select(problem => $"{problem.Field}: {problem.Message}"));
    }
}
