namespace Akka.Streams.Implementation.Fusing;

/// <summary>Tells ports their positions, so that a logic finds their connections by index.</summary>
internal static class PortNumbering
{
    public static void Assign(Shape shape)
    {
        var inlets = shape.Inlets;
        for (var i = 0; i < inlets.Length; i++)
        {
            if (inlets[i].Id != i)
                inlets[i].Id = i;
        }
        var outlets = shape.Outlets;
        for (var i = 0; i < outlets.Length; i++)
        {
            if (outlets[i].Id != i)
                outlets[i].Id = i;
        }
    }
}
