using System.CommandLine;
using Autom8.Client;

namespace Autom8.Cli;

/// <summary><c>autom8 queues</c>: what is ruled of the queues of a running service.</summary>
internal static class QueuesCommand
{
    public static Command Create() =>
        new("queues", "Pauses, resumes and limits queues on all nodes. Changing takes an administrator.")
        {
            List(),
            Pause(),
            Resume(),
            Limit(),
        };

    private static Command List()
    {
        var command = new Command("list", "Lists the queues that are paused or limited, or have jobs that wait, by name.");
        command.SetAction(
            async (_, cancellation) =>
            {
                var queues = await StoredSession.Open().ListQueuesAsync(cancellation);
                await Rows.WriteAsync(
                    queues.ToAsyncEnumerable(),
                    ["Name", "Waiting", "At most", "Paused", "By", "Reason"],
                    static queue =>
                        [
                            queue.Name,
                            Rows.Text($"{queue.Waiting}"),
                            queue.MaxRunning is { } most ? Rows.Text($"{most}") : null,
                            Rows.Time(queue.PausedAt),
                            queue.PausedBy,
                            queue.PausedReason,
                        ]
                );
                return ExitCodes.Done;
            }
        );
        return command;
    }

    private static Command Pause()
    {
        var name = Name();
        var reason = new Option<string?>("--reason") { Description = "Why; shown while it is paused." };
        var command = new Command("pause", "Pauses a queue: what runs goes on, nothing further of it begins.") { name, reason };
        command.SetAction(
            async (parsed, cancellation) =>
            {
                await StoredSession.Open().PauseQueueAsync(parsed.GetValue(name)!, parsed.GetValue(reason), cancellation);
                await Console.Error.WriteLineAsync("Paused.");
                return ExitCodes.Done;
            }
        );
        return command;
    }

    private static Command Resume()
    {
        var name = Name();
        var command = new Command("resume", "Resumes a queue.") { name };
        command.SetAction(
            async (parsed, cancellation) =>
            {
                await StoredSession.Open().ResumeQueueAsync(parsed.GetValue(name)!, cancellation);
                await Console.Error.WriteLineAsync("Resumed.");
                return ExitCodes.Done;
            }
        );
        return command;
    }

    private static Command Limit()
    {
        var name = Name();
        var most = new Argument<string>("most") { Description = "How many of its jobs may be claimed at once, 1 to 100000; or none." };
        var command = new Command("limit", "Limits how many jobs of a queue may be claimed at once on all nodes together.") { name, most };
        command.SetAction(
            async (parsed, cancellation) =>
            {
                var limited = await StoredSession
                    .Open()
                    .LimitQueueAsync(parsed.GetValue(name)!, Most(parsed.GetValue(most)!), cancellation);
                await Console.Error.WriteLineAsync(
                    limited.MaxRunning is { } number ? Rows.Text($"At most {number} at once.") : "No longer limited."
                );
                return ExitCodes.Done;
            }
        );
        return command;
    }

    private static int? Most(string text) =>
        text == "none" ? null
        : int.TryParse(text, System.Globalization.CultureInfo.InvariantCulture, out var number) ? number
        : throw new UsageException("the limit is a whole number from 1 to 100000, or none.");

    private static Argument<string> Name() => new("queue") { Description = "The queue's name." };
}
