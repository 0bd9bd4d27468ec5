using Autom8.Testing;
using Autom8.Testing.Scheduling;

// Schedulers for the drills to kill: scheduler-node CONNECTION-STRING NAME, sqlite-scheduler-node CONNECTION-STRING
if (args is ["scheduler-node", var connectionString, var node])
{
    await DrillNode.RunAsync(connectionString, node);
    return;
}

if (args is ["sqlite-scheduler-node", var file])
{
    await SqliteDrillNode.RunAsync(file);
    return;
}

// Throw-away servers for work by hand, and for the test that kills their owner:
//   dotnet run --project tests/Autom8.Testing -- postgres redis
// prints a line for each and keeps them until the end of its input.
foreach (var server in args)
{
    Console.WriteLine(
        server switch
        {
            "postgres" => $"postgres {PostgreSqlServer.Shared.ProcessId} {await PostgreSqlServer.Shared.CreateDatabaseAsync()}",
            "redis" => $"redis {RedisServer.Shared.ProcessId} {RedisServer.Shared.Endpoint}",
            _ => throw new ArgumentException($"No such server: {server}. Known are postgres and redis."),
        }
    );
}
await Console.In.ReadToEndAsync();
