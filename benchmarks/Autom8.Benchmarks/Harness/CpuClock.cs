using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Autom8.Benchmarks.Harness;

/// <summary>Time that this process was given by the machine: others on it make everything take longer, but not more of this.</summary>
internal static partial class CpuClock
{
    private const int ThreadCpuTime = 3; // CLOCK_THREAD_CPUTIME_ID of Linux

    /// <summary>The calling thread's own time where the system tells it (Linux), the time of the wall elsewhere.</summary>
    public static TimeSpan Thread =>
        OperatingSystem.IsLinux() && GetTime(ThreadCpuTime, out var time) == 0
            ? TimeSpan.FromTicks((time.Seconds * TimeSpan.TicksPerSecond) + (time.Nanoseconds / TimeSpan.NanosecondsPerTick))
            : Stopwatch.GetElapsedTime(0);

    /// <summary>The time of all threads of the process together: what is done in the background is in it.</summary>
    public static TimeSpan Process => Environment.CpuUsage.TotalTime;

    [LibraryImport("libc", EntryPoint = "clock_gettime")]
    private static partial int GetTime(int clock, out Timespec time);

    [StructLayout(LayoutKind.Sequential)]
    private struct Timespec
    {
        public nint Seconds;
        public nint Nanoseconds;
    }
}
