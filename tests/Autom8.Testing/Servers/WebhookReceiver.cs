using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Autom8.Testing;

/// <summary>A request that a <see cref="WebhookReceiver"/> was sent.</summary>
public sealed record ReceivedRequest(string Line, IReadOnlyDictionary<string, string> Headers, byte[] Body);

/// <summary>An HTTP server on loopback that answers with what a test says, one answer after the other, the last one for ever.</summary>
public sealed class WebhookReceiver : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stopped = new();
    private readonly Queue<string> _answers;
    private readonly Task _serving;

    public WebhookReceiver(params string[] answers)
    {
        _answers = new(answers);
        _listener.Start();
        _serving = ServeAsync();
    }

    public Uri Url => new($"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}/hooks/s3cret?token=s3cret");

    public ConcurrentQueue<ReceivedRequest> Requests { get; } = new();

    public static string Answer(int status, string headers = "") => $"HTTP/1.1 {status} Text\r\nContent-Length: 0\r\n{headers}\r\n";

    public async ValueTask DisposeAsync()
    {
        await _stopped.CancelAsync();
        _listener.Stop();
        await _serving.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stopped.Dispose();
    }

    private async Task ServeAsync()
    {
        while (true)
        {
            using var client = await _listener.AcceptTcpClientAsync(_stopped.Token);
            await using var stream = client.GetStream();
            while (await ReadAsync(stream) is { } request)
            {
                Requests.Enqueue(request);
                var answer = _answers.Count > 1 ? _answers.Dequeue() : _answers.Peek();
                await stream.WriteAsync(Encoding.ASCII.GetBytes(answer), _stopped.Token);
            }
        }
    }

    private async Task<ReceivedRequest?> ReadAsync(NetworkStream stream)
    {
        var head = new List<byte>();
        var one = new byte[1];
        while (!head.TakeLast(4).SequenceEqual("\r\n\r\n"u8.ToArray()))
        {
            if (await ReadByteAsync(stream, one) == 0)
                return null;
            head.Add(one[0]);
        }
        var lines = Encoding.ASCII.GetString([.. head]).Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        var headers = lines.Skip(1).Select(l => l.Split(": ", 2)).ToDictionary(l => l[0], l => l[1], StringComparer.OrdinalIgnoreCase);
        var body = new byte[int.Parse(headers["Content-Length"], CultureInfo.InvariantCulture)];
        await stream.ReadExactlyAsync(body, _stopped.Token);
        return new(lines[0], headers, body);
    }

    private async Task<int> ReadByteAsync(NetworkStream stream, byte[] one)
    {
        try
        {
            return await stream.ReadAsync(one, _stopped.Token);
        }
        catch (IOException)
        {
            return 0; // the client has gone
        }
    }
}
