using System.CommandLine;
using Autom8.Client;

namespace Autom8.Cli;

/// <summary><c>autom8 tasks</c>: the scheduled tasks of a running service.</summary>
internal static class TasksCommand
{
    public static Command Create() =>
        new("tasks", "Works with scheduled tasks. Running, pausing and resuming take an administrator.")
        {
            List(),
            Show(),
            Run(),
            Pause(),
            Resume(),
            Next(),
            History(),
            Stats(),
            Preview(),
        };

    private static Command List()
    {
        var command = new Command("list", "Lists the tasks by name.");
        command.SetAction(
            async (_, cancellation) =>
            {
                await Rows.WriteAsync(
                    StoredSession.Open().ListTasksAsync(cancellationToken: cancellation),
                    ["Name", "Job", "Schedule", "Time zone", "Status", "Last run", "Next run"],
                    static task =>
                        [
                            task.Name,
                            task.Job,
                            task.Schedule,
                            task.TimeZone,
                            task.Enabled ? task.Status : "paused",
                            Rows.Time(task.LastRun),
                            Rows.Time(task.NextRun),
                        ]
                );
                return ExitCodes.Done;
            }
        );
        return command;
    }

    private static Command Show() =>
        OfTask(
            "show",
            "Shows a task.",
            static (_, task, _) =>
            {
                Rows.Write("id", task.Id.ToString());
                Rows.Write("name", task.Name);
                Rows.Write("job", task.Job);
                Rows.Write("schedule", $"{task.Schedule} ({task.TimeZone})");
                Rows.Write("status", task.Status);
                Rows.Write("last run", Rows.Time(task.LastRun));
                Rows.Write("next run", Rows.Time(task.NextRun));
                if (!task.Enabled)
                {
                    Rows.Write("paused", Rows.Time(task.PausedAt));
                    Rows.Write("paused by", task.PausedBy);
                    Rows.Write("reason", task.PausedReason);
                }

                Rows.Write("missed", task.Misfire);
                Rows.Write("overlap", $"{task.Overlap}, at most {task.MaxActive} at once");
                Rows.Write("queue", task.Queue);
                Rows.Write("priority", task.Priority);
                Rows.Write("timeout", task.TimeoutSeconds is { } seconds ? Rows.Text($"{seconds} s") : null);
                Rows.Write("retry", Retry(task.Retry));
                Rows.Write("alerts", Alerts(task.Alerts));
                Rows.Write("payload", task.Payload);
                Rows.Write("version", Rows.Text($"{task.Version}"));
                return Task.CompletedTask;
            }
        );

    private static Command Run() =>
        OfTask(
            "run",
            "Runs a task now, be it paused or not.",
            static async (client, task, cancellation) =>
            {
                await client.RunTaskAsync(task.Id, cancellation);
                await Console.Error.WriteLineAsync($"It runs; see: autom8 tasks history {task.Id}");
            }
        );

    private static Command Pause()
    {
        var reason = new Option<string?>("--reason") { Description = "Why; shown while it is paused." };
        var name = Name();
        var command = new Command("pause", "Pauses a task; what is running goes on.") { name, reason };
        command.SetAction(
            async (parsed, cancellation) =>
            {
                var client = StoredSession.Open();
                var task = await FindAsync(client, parsed.GetValue(name)!, cancellation);
                await client.PauseTaskAsync(task.Id, parsed.GetValue(reason), cancellation);
                await Console.Error.WriteLineAsync("Paused.");
                return ExitCodes.Done;
            }
        );
        return command;
    }

    private static Command Resume() =>
        OfTask(
            "resume",
            "Resumes a task with its next occurrence from now on.",
            static async (client, task, cancellation) =>
            {
                var resumed = await client.ResumeTaskAsync(task.Id, cancellation);
                await Console.Error.WriteLineAsync($"Resumed. Next run: {Rows.Time(resumed.NextRun)}");
            }
        );

    private static Command Next()
    {
        var count = Count();
        var name = Name();
        var command = new Command("next", "Lists when a task runs next.") { name, count };
        command.SetAction(
            async (parsed, cancellation) =>
            {
                var client = StoredSession.Open();
                var task = await FindAsync(client, parsed.GetValue(name)!, cancellation);
                Write(await client.GetNextAsync(task.Id, parsed.GetValue(count), cancellation));
                if (!task.Enabled)
                {
                    await Console.Error.WriteLineAsync("The task is paused: it runs then only if it is resumed.");
                }

                return ExitCodes.Done;
            }
        );
        return command;
    }

    private static Command History()
    {
        var limit = new Option<int>("--limit", "-n") { Description = "How many at most; 0 for all.", DefaultValueFactory = _ => 20 };
        var name = Name();
        var command = new Command("history", "Lists the runs of a task, the newest first.") { name, limit };
        command.SetAction(
            async (parsed, cancellation) =>
            {
                var client = StoredSession.Open();
                var task = await FindAsync(client, parsed.GetValue(name)!, cancellation);
                var runs = client.ListTaskExecutionsAsync(task.Id, cancellationToken: cancellation);
                await Rows.WriteAsync(
                    parsed.GetValue(limit) is > 0 and var most ? runs.Take(most) : runs,
                    Rows.ExecutionColumns,
                    Rows.Execution
                );
                return ExitCodes.Done;
            }
        );
        return command;
    }

    private static Command Stats()
    {
        var name = Name();
        var since = StatisticsRows.Since();
        var command = new Command("stats", "Counts and measures the runs of a task.") { name, since };
        command.SetAction(
            async (parsed, cancellation) =>
            {
                var client = StoredSession.Open();
                var task = await FindAsync(client, parsed.GetValue(name)!, cancellation);
                StatisticsRows.Write(await client.GetTaskStatisticsAsync(task.Id, parsed.GetValue(since), cancellation));
                return ExitCodes.Done;
            }
        );
        return command;
    }

    private static Command Preview()
    {
        var schedule = new Argument<string>("schedule") { Description = "The schedule in quotes, such as \"0 7 * * MON-FRI\"." };
        var zone = new Option<string>("--zone") { Description = "Its IANA time zone.", DefaultValueFactory = _ => "UTC" };
        var name = new Option<string?>("--name") { Description = "The task's name, by which H and jitter are picked." };
        var count = Count();
        var command = new Command("preview", "Says in words when a schedule runs, and lists its next occurrences.")
        {
            schedule,
            zone,
            name,
            count,
        };
        command.SetAction(
            async (parsed, cancellation) =>
            {
                Write(
                    await StoredSession
                        .Open()
                        .PreviewScheduleAsync(
                            parsed.GetValue(schedule)!,
                            parsed.GetValue(zone)!,
                            parsed.GetValue(count),
                            parsed.GetValue(name),
                            cancellation
                        )
                );
                return ExitCodes.Done;
            }
        );
        return command;
    }

    // The description and the warnings are for people: standard output holds the instants only.
    private static void Write(SchedulePreview preview)
    {
        Console.Error.WriteLine(preview.Description);
        foreach (var instant in preview.Next)
        {
            Console.WriteLine(Rows.Zoned(instant));
        }

        foreach (var warning in preview.Warnings)
        {
            Console.Error.WriteLine("note: " + warning);
        }
    }

    private static string? Retry(TaskRetry? retry) =>
        retry is null
            ? null
            : Rows.Text(
                $"{retry.MaxAttempts} attempts, after {retry.DelaySeconds} s, times {retry.Factor}, at most {retry.MaxDelaySeconds} s, jitter {retry.Jitter}"
            );

    private static string? Alerts(TaskAlerts? alerts) =>
        alerts is null ? null
        : string.Join(
            ", ",
            (
                (string?[])
                    [
                        alerts.OnFailure ? "on failure" : null,
                        alerts.OnRetry ? "on retry" : null,
                        alerts.LateAfterSeconds is { } late ? Rows.Text($"late after {late} s") : null,
                        alerts.ExpectSuccessEverySeconds is { } every ? Rows.Text($"without success for {every} s") : null,
                        alerts.RemindEverySeconds is { } remind ? Rows.Text($"again every {remind} s") : null,
                    ]
            ).OfType<string>()
        )
            is { Length: > 0 } text
            ? text
        : "none";

    private static Command OfTask(string verb, string description, Func<Autom8Client, ScheduledTask, CancellationToken, Task> action)
    {
        var name = Name();
        var command = new Command(verb, description) { name };
        command.SetAction(
            async (parsed, cancellation) =>
            {
                var client = StoredSession.Open();
                await action(client, await FindAsync(client, parsed.GetValue(name)!, cancellation), cancellation);
                return ExitCodes.Done;
            }
        );
        return command;
    }

    private static Argument<string> Name() => new("name") { Description = "The task's name or id." };

    private static Option<int> Count() =>
        new("--count", "-n") { Description = "How many occurrences, 1 to 500.", DefaultValueFactory = _ => 10 };

    private static async Task<ScheduledTask> FindAsync(Autom8Client client, string name, CancellationToken cancellation) =>
        await client.FindTaskAsync(name, cancellation) ?? throw new UsageException("no task has this name or id. See: autom8 tasks list");
}
