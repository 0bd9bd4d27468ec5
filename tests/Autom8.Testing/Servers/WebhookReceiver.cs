using System.Collections.Concurrent;
using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace Autom8.Testing;

/// <summary>A request that a <see cref="WebhookReceiver"/> was sent.</summary>
public sealed record ReceivedRequest(string Line, IReadOnlyDictionary<string, string> Headers, byte[] Body);

/// <summary>An HTTP server on loopback that answers with what a test says, one answer after the other, the last one for ever.</summary>
public sealed class WebhookReceiver : LoopbackServer
{
    private readonly Queue<string> _answers;

    public WebhookReceiver(params string[] answers)
    {
        _answers = new(answers);
        Start();
    }

    public Uri Url => new($"http://127.0.0.1:{Port}/hooks/s3cret?token=s3cret");

    public ConcurrentQueue<ReceivedRequest> Requests { get; } = new();

    public static string Answer(int status, string headers = "") => $"HTTP/1.1 {status} Text\r\nContent-Length: 0\r\n{headers}\r\n";

    protected override async Task TalkAsync(NetworkStream stream)
    {
        while (await ReadAsync(stream) is { } request)
        {
            Requests.Enqueue(request);
            var answer = _answers.Count > 1 ? _answers.Dequeue() : _answers.Peek();
            await stream.WriteAsync(Encoding.ASCII.GetBytes(answer), Stopped);
        }
    }

    private async Task<ReceivedRequest?> ReadAsync(NetworkStream stream)
    {
        var head = new List<byte>();
        var one = new byte[1];
        while (!head.TakeLast(4).SequenceEqual("\r\n\r\n"u8.ToArray()))
        {
            if (await stream.ReadAsync(one, Stopped) == 0)
            {
                return null;
            }

            head.Add(one[0]);
        }
        var lines = Encoding.ASCII.GetString([.. head]).Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        var headers = lines.Skip(1).Select(l => l.Split(": ", 2)).ToDictionary(l => l[0], l => l[1], StringComparer.OrdinalIgnoreCase);
        var body = new byte[int.Parse(headers["Content-Length"], CultureInfo.InvariantCulture)];
        await stream.ReadExactlyAsync(body, Stopped);
        return new(lines[0], headers, body);
    }
}
