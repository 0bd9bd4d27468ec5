using System.Net;
using System.Net.Sockets;

namespace Autom8.Testing;

/// <summary>A server on a random loopback port that talks to one client after the other, as a test has it talk.</summary>
public abstract class LoopbackServer : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stopped = new();
    private Task _serving = Task.CompletedTask;

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>Cancelled when the server is disposed.</summary>
    protected CancellationToken Stopped => _stopped.Token;

    public async ValueTask DisposeAsync()
    {
        await _stopped.CancelAsync();
        _listener.Stop();
        await _serving.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stopped.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>To be called when it can talk.</summary>
    protected void Start()
    {
        _listener.Start();
        _serving = ServeAsync();
    }

    protected abstract Task TalkAsync(NetworkStream stream);

    private async Task ServeAsync()
    {
        while (true)
        {
            using var client = await _listener.AcceptTcpClientAsync(Stopped);
            try
            {
                await TalkAsync(client.GetStream());
            }
            catch (IOException) { } // the client has gone
        }
    }
}
