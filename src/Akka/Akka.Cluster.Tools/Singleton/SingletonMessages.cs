namespace Akka.Cluster.Tools.Singleton;

/// <summary>What managers of one singleton say to each other.</summary>
public interface IClusterSingletonMessage;

/// <summary>The next oldest asks the one before to stop its singleton.</summary>
internal sealed record HandOverToMe : IClusterSingletonMessage
{
    public static readonly HandOverToMe Instance = new();
}

/// <summary>The one before is stopping its singleton.</summary>
internal sealed record HandOverInProgress : IClusterSingletonMessage
{
    public static readonly HandOverInProgress Instance = new();
}

/// <summary>The one before runs no singleton any more, and never will again.</summary>
internal sealed record HandOverDone : IClusterSingletonMessage
{
    public static readonly HandOverDone Instance = new();
}

/// <summary>A member that leaves asks the next oldest to ask for the singleton.</summary>
internal sealed record TakeOverFromMe : IClusterSingletonMessage
{
    public static readonly TakeOverFromMe Instance = new();
}
