using System.Runtime;

namespace Autom8.Benchmarks.Harness;

/// <summary>Tells when the tiered compiler has nothing left to do: it compiles in the background, and on a busy machine that takes a while.</summary>
internal sealed class CompilerWatch
{
    private const int Enough = 3;
    private long _compiled = -1;
    private int _quiet;

    /// <summary>To be asked at intervals longer than the compiler's own delay (100 ms).</summary>
    /// <returns>Whether nothing was compiled between the last few questions.</returns>
    public bool IsQuiet()
    {
        var compiled = JitInfo.GetCompiledMethodCount();
        _quiet = compiled == _compiled ? _quiet + 1 : 0;
        _compiled = compiled;
        return _quiet >= Enough;
    }
}
