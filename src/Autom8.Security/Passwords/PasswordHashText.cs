namespace Autom8.Security.Passwords;

/// <summary>Reads password hashes by what they begin with.</summary>
internal static class PasswordHashText
{
    /// <exception cref="PasswordHashException">The text is none, or of one that cannot be computed; the message says why.</exception>
    public static IPasswordHash Parse(string text)
    {
        if (text.StartsWith(IdentityV3Hash.Prefix, StringComparison.Ordinal))
        {
            return IdentityV3Hash.Parse(text[IdentityV3Hash.Prefix.Length..]);
        }

        return Argon2idHash.Read(text, out var argon2) is { } problem ? throw new PasswordHashException(problem) : argon2!;
    }

    /// <summary>The form in which a hash from elsewhere is kept: ASP.NET Identity's are bare base64, and get a prefix.</summary>
    /// <exception cref="PasswordHashException">The text is none, or of one that cannot be computed; the message says why.</exception>
    public static string Adopt(string text)
    {
        var kept = text.StartsWith('$') ? text : IdentityV3Hash.Prefix + text;
        Parse(kept);
        return kept;
    }
}
