namespace Autom8.Hosting;

/// <summary>How the connection to a mail server is secured.</summary>
public enum MailSecurity
{
    /// <summary>Begins in plain text and turns to TLS before anything is said; without TLS nothing is sent (RFC 3207). Usually port 587.</summary>
    StartTls,

    /// <summary>TLS from the first byte (RFC 8314). Usually port 465.</summary>
    Tls,

    /// <summary>Plain text: for a server on this machine only.</summary>
    None,
}
