namespace Akka.Cluster;

/// <summary>A message that nodes of a cluster send each other.</summary>
public interface IClusterMessage;
