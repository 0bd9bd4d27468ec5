namespace Autom8.Client;

/// <summary>Problem details (RFC 9457) as the API answers them.</summary>
/// <param name="Type">A URI that names the kind of problem, such as <c>urn:problem-type:autom8:stale-version</c>.</param>
/// <param name="Title">The kind in words.</param>
/// <param name="Status">The HTTP status code.</param>
/// <param name="Detail">What happened and what to do about it.</param>
/// <param name="RequestId">The id under which the service's log knows the request.</param>
/// <param name="Errors">For bad input: the messages by field.</param>
public sealed record ApiProblem(
    string? Type,
    string? Title,
    int Status,
    string? Detail,
    string? RequestId,
    IReadOnlyDictionary<string, string[]>? Errors
)
{
    /// <summary>The last part of <see cref="Type"/>, such as <c>stale-version</c>; empty when there is none.</summary>
    public string Kind => Type is { } type ? type[(type.LastIndexOf(':') + 1)..] : "";
}
