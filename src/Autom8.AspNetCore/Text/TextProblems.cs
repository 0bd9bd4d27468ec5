using Autom8.Security.Text;

namespace Autom8.AspNetCore;

/// <summary>What is wrong with the texts of one request, by field. Bounded: an answer is never larger than what was sent for it.</summary>
internal sealed class TextProblems
{
    private const int Limit = 32;

    private readonly Dictionary<string, string[]> _errors = new(StringComparer.Ordinal);

    public bool IsEmpty => _errors.Count == 0;

    public bool IsFull => _errors.Count >= Limit;

    public void Add(string field, TextResult refused) => Add(field, $"The text {refused.Message}.");

    public void AddIllFormed(string field) => Add(field, "The text is not well-formed Unicode text.");

    public ProblemResult ToResult() => new(ProblemType.InvalidRequest, "Correct the fields named under 'errors'.", _errors);

    private void Add(string field, string message)
    {
        if (!IsFull)
        {
            _errors.TryAdd(field, [message]);
        }
    }
}
