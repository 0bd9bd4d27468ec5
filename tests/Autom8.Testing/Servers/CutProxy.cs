using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Autom8.Testing;

/// <summary>
/// A relay on a random loopback port, to cut one client of a server off: wholly, or (for Redis) only those of its connections that have subscribed to something.
/// </summary>
public sealed class CutProxy : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stopping = new();
    private readonly ConcurrentDictionary<Relay, Task> _relays = new();
    private readonly int _target;
    private readonly Task _accepting;
    private volatile bool _cut;
    private volatile bool _cutSubscriptions;

    /// <summary>Begins to relay to a loopback port.</summary>
    public CutProxy(int target)
    {
        _target = target;
        _listener.Start();
        _accepting = AcceptAsync();
    }

    /// <summary>Address and port for clients: <c>127.0.0.1:16379</c>.</summary>
    public string Endpoint => string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}");

    /// <summary>Closes every connection, and each new one as soon as it is made.</summary>
    public void Cut()
    {
        _cut = true;
        Close(static _ => true);
    }

    /// <summary>Closes the connections that have subscribed, and each other one as soon as it subscribes.</summary>
    public void CutSubscriptions()
    {
        _cutSubscriptions = true;
        Close(static relay => relay.HasSubscribed);
    }

    /// <summary>Ends every cut; clients may connect again.</summary>
    public void Heal()
    {
        _cut = false;
        _cutSubscriptions = false;
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        _listener.Stop();
        Close(static _ => true);
        await _accepting;
        await Task.WhenAll(_relays.Values);
        _stopping.Dispose();
    }

    private void Close(Func<Relay, bool> which)
    {
        foreach (var relay in _relays.Keys.Where(which))
        {
            relay.Dispose();
        }
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var client = await _listener.AcceptTcpClientAsync(_stopping.Token);
                if (_cut)
                {
                    client.Dispose();
                    continue;
                }

                var relay = new Relay(this, client);
                _relays[relay] = relay.RunAsync(_target);
            }
        }
        catch (Exception stopped) when (stopped is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The proxy is disposed.
        }
    }

    private sealed class Relay(CutProxy proxy, TcpClient client) : IDisposable
    {
        private readonly TcpClient _server = new();

        public bool HasSubscribed { get; private set; }

        public async Task RunAsync(int target)
        {
            try
            {
                await _server.ConnectAsync(IPAddress.Loopback, target);
                client.NoDelay = _server.NoDelay = true;
                await Task.WhenAny(PumpAsync(client, _server, watched: true), PumpAsync(_server, client, watched: false));
            }
            catch (Exception closed) when (closed is SocketException or ObjectDisposedException or InvalidOperationException)
            {
                // Nobody listens, or it was cut meanwhile.
            }
            finally
            {
                Dispose();
                proxy._relays.TryRemove(this, out _);
            }
        }

        public void Dispose()
        {
            client.Dispose();
            _server.Dispose();
        }

        private async Task PumpAsync(TcpClient from, TcpClient to, bool watched)
        {
            try
            {
                var (source, sink) = (from.GetStream(), to.GetStream());
                var buffer = new byte[16 * 1024];
                for (int read; (read = await source.ReadAsync(buffer)) > 0; )
                {
                    // A client sends the command in one write, and so it arrives, on loopback.
                    if (watched && !HasSubscribed && buffer.AsSpan(0, read).IndexOf("SUBSCRIBE\r\n"u8) >= 0)
                    {
                        HasSubscribed = true;
                    }

                    if (proxy._cut || (HasSubscribed && proxy._cutSubscriptions))
                    {
                        return;
                    }

                    await sink.WriteAsync(buffer.AsMemory(0, read));
                }
            }
            catch (Exception closed) when (closed is IOException or SocketException or ObjectDisposedException or InvalidOperationException)
            {
                // The other side is gone.
            }
        }
    }
}
