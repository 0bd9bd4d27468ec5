using Autom8.Benchmarks.Caching.Gate;
using BenchmarkDotNet.Running;

if (args is ["caching", .. var rest])
{
    return await CachingGate.RunAsync(rest);
}

BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args);
return 0;
