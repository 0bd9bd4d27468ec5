using System.Diagnostics;

namespace Autom8.Caching.Loads;

/// <summary>The loads that the current asynchronous flow is inside of, so that one that asks for itself is an error instead of waiting for ever.</summary>
internal sealed class LoadScope(object flight, LoadScope? outer)
{
    private static readonly AsyncLocal<LoadScope?> CurrentScope = new();

    private readonly object _flight = flight;
    private readonly LoadScope? _outer = outer;

    /// <summary>What begins from here on is inside the load, until the caller is given back his own flow.</summary>
    public static Caller Enter(object flight)
    {
        var scope = CurrentScope.Value;
        var context = ExecutionContext.Capture();
        var caller = new Caller(context, scope, context is null ? Activity.Current : null);
        CurrentScope.Value = new LoadScope(flight, scope);
        return caller;
    }

    public static bool IsInside(object flight)
    {
        for (var scope = CurrentScope.Value; scope is not null; scope = scope._outer)
        {
            if (scope._flight == flight)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>The flow of whoever has entered.</summary>
    internal readonly struct Caller(ExecutionContext? context, LoadScope? scope, Activity? activity)
    {
        public void Leave()
        {
            if (context is not null)
            {
                ExecutionContext.Restore(context);
                return;
            }

            // Where the flow of the context is suppressed there is none to go back to.
            CurrentScope.Value = scope;
            Activity.Current = activity;
        }
    }
}
