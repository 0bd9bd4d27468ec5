using System.Security.Cryptography;
using Autom8.Security.Passwords;

namespace Autom8.Security.Accounts;

/// <summary>What passwords may be chosen: length rather than composition, as NIST SP 800-63B (section 3.1.1.2) advises; and how one-time passwords are made.</summary>
internal static class PasswordPolicy
{
    private const int MinBytes = 12;

    // Without 0, 1, i, l and o. 28 of 31 letters are 138 bits.
    private const string Alphabet = "23456789abcdefghjkmnpqrstuvwxyz";
    private const int Groups = 7;
    private const int GroupLength = 4;

    public static string GenerateOneTime() =>
        string.Join('-', Enumerable.Range(0, Groups).Select(_ => RandomNumberGenerator.GetString(Alphabet, GroupLength)));

    /// <summary>The rule that a new password breaks, or null.</summary>
    public static PasswordRule? Violation(string password, string name, string current)
    {
        // Before anything is done whose work grows with it.
        if (password.Length > PreparedPassword.MaxCharacters)
        {
            return PasswordRule.TooLong;
        }

        byte[]? chosen = null;
        byte[]? old = null;
        try
        {
            chosen = PreparedPassword.TryPrepare(password);
            old = PreparedPassword.TryPrepare(current);
            if (chosen is null)
            {
                return password.Length == 0 ? PasswordRule.TooShort
                    : IsText(password) ? PasswordRule.TooLong
                    : PasswordRule.Malformed;
            }

            return chosen.Length < MinBytes ? PasswordRule.TooShort
                : AccountName.TryParse(password, out var asName) && AccountName.TryParse(name, out var own) && asName.Key == own.Key
                    ? PasswordRule.SameAsName
                : old is not null && CryptographicOperations.FixedTimeEquals(chosen, old) ? PasswordRule.SameAsCurrent
                : null;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(chosen);
            CryptographicOperations.ZeroMemory(old);
        }
    }

    private static bool IsText(string password) => !password.Any(char.IsControl) && WellFormed.TryNormalize(password, out _);
}
