using Autom8.Benchmarks.Caching.Gate;
using Autom8.Benchmarks.Security.Gate;
using BenchmarkDotNet.Running;

switch (args)
{
    case ["caching", .. var rest]:
        return await CachingGate.Create().RunAsync(rest);
    case ["security", .. var rest]:
        return await SecurityGate.Create().RunAsync(rest);
    default:
        BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args);
        return 0;
}
