namespace Hatchery.Devices;

/// <summary>A message to one entity. What carries it says which, and nothing else decides where it goes.</summary>
public interface IFarmMessage
{
    /// <summary>32 hexadecimal digits.</summary>
    string EntityId { get; }
}
