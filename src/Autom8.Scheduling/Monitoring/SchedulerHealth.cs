using Autom8.Scheduling.Engine;
using Microsoft.Extensions.Options;

namespace Autom8.Scheduling.Monitoring;

/// <summary>How this process fares as a node of the cluster, for a health check. Asks nobody: it is what the process knows. Safe for any number of threads.</summary>
public sealed class SchedulerHealth
{
    private readonly SchedulerNode _node;
    private readonly SchedulingOptions _options;

    internal SchedulerHealth(SchedulerNode node, IOptions<SchedulingOptions> options) => (_node, _options) = (node, options.Value);

    /// <summary>Whether this process is to run tasks at all: <see cref="SchedulingOptions.RunTasks"/>.</summary>
    public bool RunsTasks => _options.RunTasks;

    /// <summary>Whether it is a member of the cluster at the moment. It is none until its first look at the store, while others have taken it for dead, and after it was stopped.</summary>
    public bool IsMember => _node.IsMember;

    /// <summary>How long ago it last said that it lives; null while it is no member.</summary>
    public TimeSpan? SinceHeartbeat => _node.IsMember ? _node.SinceBeat : null;

    /// <summary>For how long others leave its jobs to it: <see cref="SchedulingOptions.LeaseDuration"/>.</summary>
    public TimeSpan LeaseDuration => _options.LeaseDuration;

    /// <summary>By how much the store's clock is ahead of this process's.</summary>
    public TimeSpan ClockOffset => _node.Clock.Offset;

    /// <summary>By how much what is known of the store's clock may be wrong, either way.</summary>
    public TimeSpan ClockUncertainty => _node.Clock.Uncertainty;

    /// <summary>How many runs are under way here.</summary>
    public int Running => _node.Running;

    /// <summary>How many runs were told to stop, were given up after <see cref="SchedulingOptions.StuckAfter"/> since they did not, and still go on.</summary>
    public int Stuck => _node.Stuck;

    /// <summary>
    /// Whether this process reaches PostgreSQL through a pooler that lends out connections, as PgBouncer does. There is no session to hold then: a death is noticed when <see cref="LeaseDuration"/> is over, and what another process
    /// enqueues within <see cref="SchedulingOptions.PollInterval"/>.
    /// </summary>
    public bool ReliesOnLease => _node.ReliesOnLease;
}
