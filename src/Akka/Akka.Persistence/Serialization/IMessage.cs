namespace Akka.Persistence.Serialization;

/// <summary>Marks messages that persistence itself would serialise.</summary>
public interface IMessage;
