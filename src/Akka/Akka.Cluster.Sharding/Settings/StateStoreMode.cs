namespace Akka.Cluster.Sharding;

/// <summary>Where coordinators keep their state.</summary>
public enum StateStoreMode
{
    /// <summary>In a journal.</summary>
    Persistence = 0,
}
