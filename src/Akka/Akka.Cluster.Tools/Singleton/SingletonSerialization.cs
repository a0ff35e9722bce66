using Akka.Actor;
using Akka.Cluster.Tools.Singleton.Serialization;

namespace Akka.Cluster.Tools.Singleton;

/// <summary>Makes the serializer known to a system whose configuration did not name it before it started.</summary>
internal static class SingletonSerialization
{
    public static void Register(ActorSystem system)
    {
        system.Settings.InjectTopLevelFallback(ClusterSingletonManager.DefaultConfig());
        var serialization = system.Serialization;
        var known = serialization.FindSerializerForType(typeof(IClusterSingletonMessage), "null");
        if (known is ClusterSingletonMessageSerializer)
            return;
        var serializer = new ClusterSingletonMessageSerializer((ExtendedActorSystem)system);
        serialization.AddSerializer("akka-singleton", serializer);
        serialization.AddSerializationMap(typeof(IClusterSingletonMessage), serializer);
    }
}
