namespace Autom8.Client;

/// <summary>
/// Where a session is kept beyond this process. Several processes may share one: before a client uses a refresh token up it looks whether another has been faster.
/// </summary>
public interface ISessionStore
{
    /// <summary>The session as it is kept now, or null when there is none.</summary>
    ValueTask<Session?> ReadAsync(CancellationToken cancellationToken);

    /// <summary>Keeps a session in place of the one before. A reader sees the one or the other, never a part.</summary>
    ValueTask WriteAsync(Session session, CancellationToken cancellationToken);
}
