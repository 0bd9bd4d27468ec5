using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Autom8.Testing;

/// <summary>
/// Loopback ports for servers that cannot choose one themselves. A server that can (Kestrel: port 0) should.
/// </summary>
/// <remarks>
/// The ports lie below the range from which the kernel serves outgoing connections and port 0, so nothing but another caller of
/// this class can take one between the probe and the server's bind, or while a server is down between two starts.
/// </remarks>
public static class FreePort
{
    private const int First = 10_240;
    private static readonly HashSet<int> Given = [];

    /// <summary>A port that nobody listens on now, never given twice by one process.</summary>
    public static int Next()
    {
        var end = FirstEphemeral();
        for (var attempt = 0; attempt < 1_000; attempt++)
        {
            var port = Random.Shared.Next(First, end);
            lock (Given)
            {
                if (!Given.Contains(port) && CanBind(port))
                {
                    Given.Add(port);
                    return port;
                }
            }
        }
        throw new InvalidOperationException($"No free loopback port between {First} and {end} in 1000 attempts.");
    }

    private static int FirstEphemeral()
    {
        const string range = "/proc/sys/net/ipv4/ip_local_port_range";
        var first = File.Exists(range) ? int.Parse(File.ReadAllText(range).Split('\t', ' ')[0], CultureInfo.InvariantCulture) : 32_768;
        return first > First + 2_000 ? first : 65_536;
    }

    private static bool CanBind(int port)
    {
        try
        {
            using var listener = new TcpListener(IPAddress.Loopback, port);
            listener.Start();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
