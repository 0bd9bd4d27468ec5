using System.Collections.Concurrent;
using System.Net.Sockets;
using System.Text;

namespace Autom8.Host.Tests.Mail;

/// <summary>A mail server on loopback that says what a test has it say to a command, and yes to all others.</summary>
internal sealed class ScriptedSmtpServer : LoopbackServer
{
    private readonly Dictionary<string, string> _script;

    public ScriptedSmtpServer(params (string Command, string Answer)[] script)
    {
        _script = script.ToDictionary(s => s.Command, s => s.Answer, StringComparer.Ordinal);
        Start();
    }

    /// <summary>What was said to it, without the messages.</summary>
    public ConcurrentQueue<string> Commands { get; } = new();

    /// <summary>The messages it has taken, as they came.</summary>
    public ConcurrentQueue<string> Messages { get; } = new();

    protected override async Task TalkAsync(NetworkStream stream)
    {
        using var reader = new StreamReader(stream, Encoding.Latin1);
        await SayAsync(stream, "220 test");
        while (await reader.ReadLineAsync(Stopped) is { } command)
        {
            Commands.Enqueue(command);
            var verb = command.Split(' ')[0];
            var answer = _script.GetValueOrDefault(verb) ?? Yes(verb);
            if (answer == "")
            {
                return; // hangs up
            }

            await SayAsync(stream, answer);
            if (verb == "DATA" && answer.StartsWith('3'))
            {
                Messages.Enqueue(await MessageAsync(reader));
                await SayAsync(stream, "250 taken");
            }
            else if (verb == "QUIT")
            {
                return;
            }
        }
    }

    private static string Yes(string verb) =>
        verb switch
        {
            "EHLO" => "250-test\r\n250-AUTH PLAIN\r\n250 8BITMIME",
            "AUTH" => "235 welcome",
            "DATA" => "354 go on",
            "QUIT" => "221 bye",
            _ => "250 yes",
        };

    private async Task<string> MessageAsync(StreamReader reader)
    {
        var message = new StringBuilder();
        while (await reader.ReadLineAsync(Stopped) is { } line and not ".")
        {
            message.Append(line).Append("\r\n");
        }

        return message.ToString();
    }

    private async Task SayAsync(NetworkStream stream, string answer) =>
        await stream.WriteAsync(Encoding.Latin1.GetBytes(answer + "\r\n"), Stopped);
}
