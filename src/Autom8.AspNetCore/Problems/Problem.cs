namespace Autom8.AspNetCore;

/// <summary>Problem details as RFC 9457 lays them down, with the request's id and, for bad input, what is wrong with which field.</summary>
/// <param name="Type">A URI that names the kind of problem.</param>
/// <param name="Title">The kind in words; the same for every occurrence.</param>
/// <param name="Status">The HTTP status code.</param>
/// <param name="Detail">What happened here and what to do about it. Never holds a value that was sent.</param>
/// <param name="RequestId">The id under which the log knows this request.</param>
/// <param name="Errors">For bad input: the messages by field, in the JSON names of the request (<c>emails[0].value</c>).</param>
public sealed record Problem(
    string Type,
    string Title,
    int Status,
    string? Detail,
    string? RequestId,
    IReadOnlyDictionary<string, string[]>? Errors = null
);
