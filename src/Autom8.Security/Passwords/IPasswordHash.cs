namespace Autom8.Security.Passwords;

/// <summary>A password hash that can be computed here.</summary>
internal interface IPasswordHash
{
    /// <summary>Whether this is the hash of the password, in constant time.</summary>
    bool Matches(ReadOnlySpan<byte> password);

    /// <summary>Whether it would be made like this today.</summary>
    bool IsCurrent(PasswordOptions options);
}
