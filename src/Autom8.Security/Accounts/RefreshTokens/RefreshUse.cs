namespace Autom8.Security.Accounts;

/// <summary>What a presented token is to its family.</summary>
internal enum RefreshUse
{
    /// <summary>The token in force: it is used up now.</summary>
    Rotate,

    /// <summary>The one before, again within the grace.</summary>
    Repeat,

    /// <summary>The one before that, within the grace: an answer that was lost while another process went on. It gets nothing, and it is no sign of theft.</summary>
    Late,

    /// <summary>One that was used up before.</summary>
    Reuse,

    /// <summary>The family, or its token in force, is past its time.</summary>
    Expired,

    /// <summary>The family was revoked, or the account has moved on.</summary>
    Revoked,
}
