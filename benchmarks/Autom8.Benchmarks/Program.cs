using Autom8.Benchmarks.Caching.Gate;
using Autom8.Benchmarks.Scheduling.Gate;
using Autom8.Benchmarks.Security.Gate;
using Autom8.Testing.Scheduling;
using BenchmarkDotNet.Running;

switch (args)
{
    case ["caching", .. var rest]:
        return await CachingGate.Create().RunAsync(rest);
    case ["security", .. var rest]:
        return await SecurityGate.Create().RunAsync(rest);
    case ["scheduling", .. var rest]:
        return await SchedulingGate.Create().RunAsync(rest);
    case ["scheduler-node", var connectionString, var node]: // a process for a row to kill
        await DrillNode.RunAsync(connectionString, node);
        return 0;
    default:
        BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args);
        return 0;
}
