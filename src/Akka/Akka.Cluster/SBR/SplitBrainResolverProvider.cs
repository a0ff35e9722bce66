using Akka.Actor;
using Akka.Configuration;
using Akka.Coordination;

namespace Akka.Cluster.SBR;

/// <summary>Decides by the strategy of <c>akka.cluster.split-brain-resolver</c>.</summary>
public class SplitBrainResolverProvider : IDowningProvider
{
    private readonly ActorSystem _system;
    private readonly Cluster _cluster;
    private readonly SplitBrainResolverSettings _settings;

    /// <summary>Made by the cluster.</summary>
    /// <exception cref="ConfigurationException">A setting is wrong.</exception>
    public SplitBrainResolverProvider(ActorSystem system, Cluster cluster)
    {
        _system = system;
        _cluster = cluster;
        _settings = new SplitBrainResolverSettings(system.Settings.Config);
    }

    /// <inheritdoc/>
    public TimeSpan DownRemovalMargin => _cluster.Settings.DownRemovalMargin ?? _settings.DowningStableAfter;

    /// <inheritdoc/>
    public Props? DowningActorProps
    {
        get
        {
            // Here, not in the actor: a wrong setting is to stop the start of the system.
            var (strategy, lease) = Strategy();
            return Props.Create(() => new SplitBrainResolver(_cluster, strategy, _settings, lease));
        }
    }

    private (Strategy Strategy, Lease? Lease) Strategy()
    {
        switch (_settings.DowningStrategy)
        {
            case SplitBrainResolverSettings.KeepMajorityName:
                return (new KeepMajority(_settings.KeepMajorityRole), null);
            case SplitBrainResolverSettings.StaticQuorumName:
                var quorum = _settings.StaticQuorumSettings;
                return (new StaticQuorum(quorum.Size, quorum.Role), null);
            case SplitBrainResolverSettings.KeepOldestName:
                var oldest = _settings.KeepOldestSettings;
                return (new KeepOldest(oldest.DownIfAlone, oldest.Role), null);
            case SplitBrainResolverSettings.LeaseMajorityName:
                var majority = _settings.LeaseMajoritySettings;
                var lease = LeaseProvider
                    .Get(_system)
                    .GetLease(
                        majority.SafeLeaseName(_system.Name),
                        majority.LeaseImplementation,
                        _cluster.SelfAddress.HostPort()
                    );
                return (new LeaseMajority(majority.Role), lease);
            default:
                return (new DownAllNodes(), null);
        }
    }
}
