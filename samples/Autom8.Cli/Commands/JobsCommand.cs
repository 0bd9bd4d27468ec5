using System.CommandLine;
using Autom8.Client;

namespace Autom8.Cli;

/// <summary><c>autom8 jobs</c>: what waits, runs and is dead in a running service.</summary>
internal static class JobsCommand
{
    public static Command Create() =>
        new("jobs", "Works with jobs that wait, run or are dead. Cancelling and requeueing take an administrator.")
        {
            List(),
            Show(),
            Cancel(),
            Requeue(),
            Stats(),
        };

    private static Command List()
    {
        var state = new Option<string?>("--state") { Description = "Only those: ready, claimed, waitingForTask, waitingForJobs or dead." };
        var limit = new Option<int>("--limit", "-n") { Description = "How many at most; 0 for all.", DefaultValueFactory = _ => 50 };
        var command = new Command("list", "Lists the jobs that are not finished, the oldest first.") { state, limit };
        command.SetAction(
            async (parsed, cancellation) =>
            {
                var jobs = StoredSession.Open().ListJobsAsync(parsed.GetValue(state), cancellationToken: cancellation);
                await Rows.WriteAsync(
                    parsed.GetValue(limit) is > 0 and var most ? jobs.Take(most) : jobs,
                    ["Id", "Job", "State", "Queue", "Due", "Attempt", "Node", "Progress", "Error"],
                    static job =>
                        [
                            job.Id.ToString(),
                            job.Job,
                            job.State,
                            job.Queue,
                            Rows.Time(job.DueAt),
                            Rows.Text($"{job.Attempt}"),
                            job.Node,
                            Progress(job),
                            job.ErrorMessage,
                        ]
                );
                return ExitCodes.Done;
            }
        );
        return command;
    }

    private static Command Show() =>
        OfJob(
            "show",
            "Shows a job and the attempts at it.",
            static async (client, id, cancellation) =>
            {
                var job = await client.GetJobAsync(id, cancellation);
                Rows.Write("id", job.Id.ToString());
                Rows.Write("job", job.Job);
                Rows.Write("state", job.State);
                Rows.Write("queue", job.Queue);
                Rows.Write("priority", job.Priority);
                Rows.Write("due", Rows.Time(job.DueAt));
                Rows.Write("task", job.TaskId?.ToString());
                Rows.Write("attempt", Rows.Text($"{job.Attempt}"));
                Rows.Write("node", job.Node);
                Rows.Write("progress", Progress(job));
                Rows.Write("error", job.ErrorMessage);
                Rows.Write("payload", job.Payload);
                var attempts = await client.ListJobExecutionsAsync(id, cancellation);
                if (attempts.Count > 0)
                {
                    await Rows.WriteAsync(attempts.ToAsyncEnumerable(), Rows.ExecutionColumns, Rows.Execution);
                }
            }
        );

    private static Command Cancel() =>
        OfJob(
            "cancel",
            "Cancels a job: one that waits at once, one that runs when it heeds its cancellation.",
            static async (client, id, cancellation) =>
            {
                await client.CancelJobAsync(id, cancellation);
                await Console.Error.WriteLineAsync("Cancelled, or told to stop.");
            }
        );

    private static Command Requeue() =>
        OfJob(
            "requeue",
            "Gives a dead job all its attempts again.",
            static async (client, id, cancellation) =>
            {
                await client.RequeueJobAsync(id, cancellation);
                await Console.Error.WriteLineAsync("It waits for its turn.");
            }
        );

    private static Command Stats()
    {
        var job = new Argument<string?>("job")
        {
            Description = "The registered name of the job; all jobs when left out.",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var since = StatisticsRows.Since();
        var command = new Command("stats", "Counts and measures the runs of a job, or of all.") { job, since };
        command.SetAction(
            async (parsed, cancellation) =>
            {
                StatisticsRows.Write(
                    await StoredSession.Open().GetJobStatisticsAsync(parsed.GetValue(job), parsed.GetValue(since), cancellation)
                );
                return ExitCodes.Done;
            }
        );
        return command;
    }

    private static Command OfJob(string verb, string description, Func<Autom8Client, Guid, CancellationToken, Task> action)
    {
        var id = new Argument<Guid>("id") { Description = "The job's id." };
        var command = new Command(verb, description) { id };
        command.SetAction(
            async (parsed, cancellation) =>
            {
                await action(StoredSession.Open(), parsed.GetValue(id), cancellation);
                return ExitCodes.Done;
            }
        );
        return command;
    }

    private static string? Progress(QueuedJob job) =>
        job.Progress is { } progress ? Rows.Text($"{progress.Fraction:P0} {progress.Note}").TrimEnd() : null;
}
