namespace Autom8.Security.Accounts;

/// <summary>What a presented token is to its family.</summary>
internal enum RefreshUse
{
    /// <summary>The token in force: it is used up now.</summary>
    Rotate,

    /// <summary>The one before, again within the grace.</summary>
    Repeat,

    /// <summary>An older one while the family rotates quickly: it gets nothing, and it is no sign of theft.</summary>
    Late,

    /// <summary>One that was used up before.</summary>
    Reuse,

    /// <summary>The family, or its token in force, is past its time.</summary>
    Expired,

    /// <summary>The family was revoked, or the account has moved on.</summary>
    Revoked,
}
