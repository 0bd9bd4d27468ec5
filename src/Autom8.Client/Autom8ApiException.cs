using System.Net;

namespace Autom8.Client;

/// <summary>The API refused a request, or failed to answer it.</summary>
public sealed class Autom8ApiException : Exception
{
    /// <summary>Creates the exception for an answer.</summary>
    public Autom8ApiException(ApiProblem problem, TimeSpan? retryAfter)
        : base(Explain(problem))
    {
        Problem = problem;
        RetryAfter = retryAfter;
    }

    /// <summary>What the API said.</summary>
    public ApiProblem Problem { get; }

    /// <summary>How long to wait before asking again, if the API said so.</summary>
    public TimeSpan? RetryAfter { get; }

    /// <summary>The status of the answer.</summary>
    public HttpStatusCode StatusCode => (HttpStatusCode)Problem.Status;

    private static string Explain(ApiProblem problem)
    {
        ArgumentNullException.ThrowIfNull(problem);
        var text = $"{problem.Title ?? "The request failed"} ({problem.Status}).";
        if (problem.Errors is { Count: > 0 } errors)
        {
            text += string.Concat(errors.Select(e => $" {e.Key}: {string.Join(' ', e.Value)}"));
        }
        else if (problem.Detail is { Length: > 0 } detail)
        {
            text += " " + detail;
        }

        return text;
    }
}
