package scrape

import "strings"

// orderFields are the fields of a work order that changes speak of, under the names that the API gives them.
var orderFields = []field[WorkOrder]{
	{"site_name", func(w WorkOrder) any { return text(w.SiteName) }},
	{"customer_name", func(w WorkOrder) any { return text(w.CustomerName) }},
	{"customer_id", func(w WorkOrder) any { return text(w.CustomerID) }},
	{"location_id", func(w WorkOrder) any { return text(w.LocationID) }},
	{"customer_url", func(w WorkOrder) any { return text(w.CustomerURL) }},
	{"store_number", func(w WorkOrder) any { return text(w.StoreNumber) }},
	{"street", func(w WorkOrder) any { return text(w.Street) }},
	{"intersection", func(w WorkOrder) any { return text(w.Intersection) }},
	{"city_state", func(w WorkOrder) any { return text(w.CityState) }},
	{"county", func(w WorkOrder) any { return text(w.County) }},
	{"address", func(w WorkOrder) any { return text(w.Address) }},
	{"portal_status", func(w WorkOrder) any { return text(w.PortalStatus) }},
	{"service_name", func(w WorkOrder) any { return text(w.ServiceName) }},
	{"project", func(w WorkOrder) any { return text(w.Project) }},
	{"service_code", func(w WorkOrder) any { return text(w.ServiceCode) }},
	{"service_description", func(w WorkOrder) any { return text(w.ServiceDescription) }},
	{"service_type", func(w WorkOrder) any { return text(w.ServiceType) }},
	{"service_quantity", func(w WorkOrder) any { return w.ServiceQuantity }},
	{"service_items", func(w WorkOrder) any { return w.ServiceItems }},
	{"instructions", func(w WorkOrder) any { return text(w.Instructions) }},
	{"scheduled_date", func(w WorkOrder) any { return localDate(w.ScheduledDate) }},
	{"due_date", func(w WorkOrder) any { return localDate(w.DueDate) }},
	{"visit_id", func(w WorkOrder) any { return text(w.VisitID) }},
	{"visit_url", func(w WorkOrder) any { return text(w.VisitURL) }},
	{"visits_done", func(w WorkOrder) any { return w.VisitsDone }},
	{"visits_planned", func(w WorkOrder) any { return w.VisitsPlanned }},
	{"created_date", func(w WorkOrder) any { return localDate(w.CreatedDate) }},
	{"created_by", func(w WorkOrder) any { return text(w.CreatedBy) }},
}

// guardedFields are those that nearly every order has: when many lose one at once the portal has changed, not the orders.
var guardedFields = []struct {
	name, words string
	text        func(WorkOrder) string
}{
	{"site_name", "customer", func(w WorkOrder) string { return w.SiteName }},
	{"store_number", "store number", func(w WorkOrder) string { return w.StoreNumber }},
	{"customer_url", "link to the location", func(w WorkOrder) string { return w.CustomerURL }},
	{"address", "address", func(w WorkOrder) string { return strings.TrimSuffix(w.Address, AddressNotAvailable) }},
	{"service_items", "service items", func(w WorkOrder) string {
		if len(w.ServiceItems) == 0 {
			return ""
		}
		return w.ServiceItems[0].Name
	}},
	{"scheduled_date", "visit date", func(w WorkOrder) string {
		if w.ScheduledDate == nil {
			return ""
		}
		return w.ScheduledDate.String()
	}},
}

// diffOrders lists the fields that the portal shows differently.
func diffOrders(before, after WorkOrder) []FieldChange {
	return diff(orderFields, before.portalContent(), after.portalContent())
}

func orderChange(kind ChangeKind, order WorkOrder, fields []FieldChange) Change {
	return Change{Kind: kind, Item: ItemWorkOrder, Key: order.ExternalID, Label: SiteLabel(order.SiteName, order.StoreNumber), Fields: fields}
}

// SiteLabel names a site for people: "Example Fuel Stop #4001".
func SiteLabel(name, store string) string { return strings.TrimSpace(name + " " + store) }
