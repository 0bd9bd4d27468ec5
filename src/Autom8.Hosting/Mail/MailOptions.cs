namespace Autom8.Hosting;

/// <summary>The mail server, and whom to write to; bound from <c>Autom8:Mail</c> and checked at start.</summary>
public sealed class MailOptions
{
    /// <summary>The server's name or address.</summary>
    public string Host { get; set; } = "";

    /// <summary>Its port, 1 to 65,535. Default 587.</summary>
    public int Port { get; set; } = 587;

    /// <summary>How the connection is secured. Default <see cref="MailSecurity.StartTls"/>; <see cref="MailSecurity.None"/> is refused unless the server is on this machine.</summary>
    public MailSecurity Security { get; set; } = MailSecurity.StartTls;

    /// <summary>Whether a certificate must be shown not to be revoked, which asks its authority. Default true; false for a private authority that cannot be asked.</summary>
    public bool CheckRevocation { get; set; } = true;

    /// <summary>The account to sign in with; null for none.</summary>
    public string? UserName { get; set; }

    /// <summary>Its password; better is <see cref="PasswordFile"/>.</summary>
    public string? Password { get; set; }

    /// <summary>A file whose first line is the password, read for every message: a new password needs no restart.</summary>
    public string? PasswordFile { get; set; }

    /// <summary>The sender: an address, with a name if need be (<c>Autom8 &lt;autom8@example.org&gt;</c>).</summary>
    public string From { get; set; } = "";

    /// <summary>The recipients, 1 to 50 addresses.</summary>
    public IList<string> To { get; } = [];

    /// <summary>How long the server may take for one answer, 1 second to 5 minutes. Default 10 seconds.</summary>
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Whether mail holds the exception's message, which may hold anything. Default true.</summary>
    public bool IncludeErrorMessage { get; set; } = true;
}
