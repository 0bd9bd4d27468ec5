namespace Autom8.Security.Accounts;

/// <summary>The roles that an account may have. Each stands for itself: an administrator who edits contacts is also an editor.</summary>
public static class AccountRoles
{
    /// <summary>May manage accounts, tasks, alerts and settings, and read the audit log.</summary>
    public const string Administrator = "administrator";

    /// <summary>May read and change contacts and run tasks.</summary>
    public const string Editor = "editor";

    /// <summary>May read.</summary>
    public const string Viewer = "viewer";

    /// <summary>Every role there is.</summary>
    public static IReadOnlyList<string> All { get; } = [Administrator, Editor, Viewer];

    /// <exception cref="ArgumentException">No role is given, or one that there is not.</exception>
    internal static string[] Checked(IReadOnlyCollection<string> roles)
    {
        ArgumentNullException.ThrowIfNull(roles);
        if (roles.Count == 0 || roles.Any(role => !All.Contains(role, StringComparer.Ordinal)))
        {
            throw new ArgumentException($"An account has one or more of the roles {string.Join(", ", All)}.", nameof(roles));
        }

        return [.. roles.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
    }
}
