namespace Autom8.Caching.Loads;

/// <summary>The loads that the current asynchronous flow is inside of, so that one that asks for itself is an error instead of waiting for ever.</summary>
internal sealed class LoadScope(object flight, LoadScope? outer)
{
    private static readonly AsyncLocal<LoadScope?> CurrentScope = new();

    public static void Enter(object flight) => CurrentScope.Value = new LoadScope(flight, CurrentScope.Value);

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

    private readonly object _flight = flight;
    private readonly LoadScope? _outer = outer;
}
