using System.Globalization;
using Microsoft.AspNetCore.Http;

namespace Autom8.AspNetCore;

/// <summary>Reads the version that a change is conditional on (RFC 9110 13.1.1).</summary>
internal static class Preconditions
{
    /// <summary>The version under <c>If-Match</c>. Null with <paramref name="refusal"/> null means <c>*</c>: whatever is there.</summary>
    /// <param name="context">The request.</param>
    /// <param name="required">Whether a request without the header is refused (428, RFC 6585).</param>
    /// <param name="version">The version, or null.</param>
    /// <param name="refusal">The answer, if the header will not do.</param>
    public static bool TryRead(HttpContext context, bool required, out long? version, out ProblemResult? refusal)
    {
        version = null;
        refusal = null;
        var header = context.Request.Headers.IfMatch.ToString();
        if (header.Length == 0)
        {
            refusal = required ? new ProblemResult(ProblemType.VersionRequired, "Send the ETag of the version that you change as If-Match.") : null;
            return refusal is null;
        }

        if (header == "*")
        {
            return true;
        }

        if (
            header.Length > 2
            && header[0] == '"'
            && header[^1] == '"'
            && long.TryParse(header.AsSpan(1, header.Length - 2), NumberStyles.None, CultureInfo.InvariantCulture, out var number)
        )
        {
            version = number;
            return true;
        }

        // A tag that is well formed but not one of ours matches nothing (412); the client is better served by being told what a tag looks like.
        refusal = ProblemResult.Invalid("If-Match", "Send one ETag as it was received, such as \"3\".");
        return false;
    }
}
