namespace Messaging.Amqp.Framing;

/// <summary>Fields whose CLR type is not nullable: mandatory ones, and those with a default, which is left out on the wire.</summary>
internal static class FieldVisitorExtensions
{
    // In the order of TerminusExpiryPolicy (part 3, 3.5.6).
    private static readonly Symbol[] ExpiryPolicies = ["link-detach", "session-end", "connection-close", "never"];

    extension<TVisitor>(ref TVisitor visitor)
        where TVisitor : struct, IFieldVisitor, allows ref struct
    {
        /// <summary>A mandatory boolean, or an optional one whose default is false.</summary>
        public void Boolean(string name, ref bool value, bool mandatory = false)
        {
            bool? field = mandatory || value ? value : null;
            visitor.Boolean(name, ref field, mandatory);
            value = field.GetValueOrDefault();
        }

        /// <summary>A mandatory uint, or an optional one whose default is 0.</summary>
        public void UInt(string name, ref uint value, bool mandatory = false)
        {
            uint? field = mandatory || value != 0 ? value : null;
            visitor.UInt(name, ref field, mandatory);
            value = field.GetValueOrDefault();
        }

        /// <summary>A mandatory ubyte.</summary>
        public void UByte(string name, ref byte value)
        {
            byte? field = value;
            visitor.UByte(name, ref field, mandatory: true);
            value = field.GetValueOrDefault();
        }

        /// <summary>A mandatory ulong.</summary>
        public void ULong(string name, ref ulong value)
        {
            ulong? field = value;
            visitor.ULong(name, ref field, mandatory: true);
            value = field.GetValueOrDefault();
        }

        /// <summary>A mandatory symbol.</summary>
        public void Symbol(string name, ref Symbol value)
        {
            Symbol? field = value;
            visitor.Symbol(name, ref field, mandatory: true);
            value = field.GetValueOrDefault();
        }

        public void SettleMode(string name, ref SenderSettleMode? value)
        {
            byte? field = (byte?)value;
            visitor.UByte(name, ref field, max: (byte)SenderSettleMode.Mixed);
            value = (SenderSettleMode?)field;
        }

        public void SettleMode(string name, ref ReceiverSettleMode? value)
        {
            byte? field = (byte?)value;
            visitor.UByte(name, ref field, max: (byte)ReceiverSettleMode.Second);
            value = (ReceiverSettleMode?)field;
        }

        public void Durability(string name, ref TerminusDurability value)
        {
            uint? field = value == TerminusDurability.None ? null : (uint)value;
            visitor.UInt(name, ref field, max: (uint)TerminusDurability.UnsettledState);
            value = (TerminusDurability)field.GetValueOrDefault();
        }

        public void ExpiryPolicy(string name, ref TerminusExpiryPolicy value)
        {
            int? field = value == TerminusExpiryPolicy.SessionEnd ? null : (int)value;
            visitor.Choice(name, ref field, ExpiryPolicies);
            value = field is null ? TerminusExpiryPolicy.SessionEnd : (TerminusExpiryPolicy)field;
        }
    }
}
